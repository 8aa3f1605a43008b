// The noise of the guaranteed scale on the shipped model's real activations and gradients: every
// product of a forward and backward pass, encrypted, against the same product by the plain int8
// oracle.

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/random.hpp"
#include "model/model_fingerprint.hpp"
#include "model/plain_oracle.hpp"
#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/in_process_transport.hpp"
#include "protocol/server/product_service.hpp"
#include "tests/integration/shipped_model.hpp"

namespace hippocrypt {
namespace {

/// Sums over the values of products of one kind.
struct Agreement {
  std::size_t inputs = 0;
  double noise2 = 0, signal2 = 0, cross = 0, own2 = 0;

  void add(const Matrix& got, const Matrix& want) {
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double a = double{got.values()[i]}, b = double{want.values()[i]};
      noise2 += (a - b) * (a - b);
      signal2 += b * b;
      own2 += a * a;
      cross += a * b;
    }
  }
  double noise_to_signal() const { return std::sqrt(noise2 / signal2); }
  double correlation() const { return cross / std::sqrt(signal2 * own2); }
};

/// Answers with the encrypted product and keeps how far it is from the plain one.
class ComparingOracle final : public model::LinearOracle {
 public:
  ComparingOracle(model::LinearOracle& encrypted, model::LinearOracle& plain)
      : encrypted_{encrypted}, plain_{plain} {}

  Result<Matrix> forward(model::LinearSite site, ConstMatrixView x) override {
    HIPPOCRYPT_TRY(Matrix y, encrypted_.forward(site, x));
    HIPPOCRYPT_TRY(const Matrix want, plain_.forward(site, x));
    note("forward", site, x.rows(), y, want);
    return y;
  }
  Result<Matrix> backward(model::LinearSite site, ConstMatrixView dy) override {
    HIPPOCRYPT_TRY(Matrix dx, encrypted_.backward(site, dy));
    HIPPOCRYPT_TRY(const Matrix want, plain_.backward(site, dy));
    note("backward", site, dy.rows(), dx, want);
    return dx;
  }

  std::map<std::string, Agreement> by_kind;

 private:
  void note(const char* direction, model::LinearSite site, std::size_t inputs, const Matrix& got,
            const Matrix& want) {
    Agreement& sums = by_kind[std::string{model::to_string(site.group)} + ' ' + direction];
    sums.inputs = inputs;
    sums.add(got, want);
  }
  model::LinearOracle& encrypted_;
  model::LinearOracle& plain_;
};

std::map<std::string, Agreement> measure(const crypto::Params& params) {
  const auto model = model::load_model_folder(test_support::data_folder / "model").value();
  SystemRandom random;
  crypto::MaskNonce nonce;
  random.fill(nonce);
  const std::shared_ptr<const protocol::ProductService> service =
      protocol::ProductService::create(model.config, model.base,
                                       model::model_fingerprint(model.config, model.base), params,
                                       nonce, 2)
          .value();
  protocol::InProcessTransport transport{service};
  const auto setup = protocol::ServerSetup::fetch(transport, params, model.config).value();
  protocol::EncryptedOracle encrypted{setup, transport, random, {0, params.ring_dim()}};
  auto plain = model::PlainInt8Oracle::create(model.base, 2).value();
  ComparingOracle both{encrypted, plain};
  const model::Transformer transformer{model.config, model.client, both};
  EXPECT_TRUE(transformer.forward_backward(test_support::first_patients(model.config),
                                           test_support::busy_adapter(model.config),
                                           model::Trainable::both));
  return both.by_kind;
}

void print(const char* name, const std::map<std::string, Agreement>& by_kind) {
  for (const auto& [kind, sums] : by_kind) {
    std::printf("%s %-24s in = %4zu: noise to signal %.2e = %.2fe-6 * in, correlation 1 - %.1e\n",
                name, kind.c_str(), sums.inputs, sums.noise_to_signal(),
                1e6 * sums.noise_to_signal() / static_cast<double>(sums.inputs),
                1 - sums.correlation());
  }
}

TEST(ActivationNoiseTest, TheGuaranteedScaleKeepsNoiseBelowTheSignal) {
  for (const char* name : {"rlwe2048", "rlwe1024"}) {
    const auto by_kind = measure(crypto::Params::named(name).value());
    print(name, by_kind);
    ASSERT_EQ(by_kind.size(), 8U);
    for (const auto& [kind, sums] : by_kind) {
      EXPECT_GE(sums.correlation(), 0.999998) << name << ' ' << kind;
      // Two parts: the uploads' rounding, which grows with the inputs (1.4e-6 an input where all
      // rows have the norm of the largest), and the download's, q/2^16/√12 in (q/2)/√in. With 128
      // inputs the second is as large as half of the first.
      const auto in = static_cast<double>(sums.inputs);
      EXPECT_LE(sums.noise_to_signal(), std::hypot(2.2e-6 * in, 1.1e-5 * std::sqrt(in)))
          << name << ' ' << kind;
    }
  }
}

TEST(ActivationNoiseTest, FewerBitsCostWhatTheDocsSay) {
  for (const auto& [upload, download] : {std::pair{24U, 12U}, {20U, 16U}, {20U, 12U}}) {
    const auto params = crypto::Params::named("rlwe2048", {upload, download}).value();
    const auto by_kind = measure(params);
    print((std::to_string(upload) + '/' + std::to_string(download)).c_str(), by_kind);
    for (const auto& [kind, sums] : by_kind) EXPECT_GE(sums.correlation(), 0.99) << kind;
  }
}

}  // namespace
}  // namespace hippocrypt
