// LoRA gradients of the shipped model on a hospital's notes: encrypted against plain int8 and fp32.

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"
#include "model/model_fingerprint.hpp"
#include "model/plain_oracle.hpp"
#include "model/unit_gradient.hpp"
#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/in_process_transport.hpp"
#include "protocol/server/product_service.hpp"
#include "tests/integration/shipped_model.hpp"

namespace hippocrypt {
namespace {

using test_support::busy_adapter;
using test_support::data_folder;
using test_support::first_patients;

std::vector<float> gradient(const model::Model& model, model::LinearOracle& oracle,
                            const model::LoraAdapter& adapter, const model::Batch& batch) {
  const model::Transformer transformer{model.config, model.client, oracle};
  const auto step = transformer.forward_backward(batch, adapter, model::Trainable::both).value();
  std::vector<float> flat(
      model::trainable_count(model.config, adapter.config(), model::Trainable::both));
  model::unit_gradient<float>(step.tape, batch.sequences, flat);
  return flat;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

TEST(GradientAgreementTest, EncryptedGradientsAgreeWithPlainOnes) {
  const auto model = model::load_model_folder(data_folder / "model").value();
  const auto batch = first_patients(model.config);
  const auto adapter = busy_adapter(model.config);
  model::PlainFp32Oracle fp32{model.base, 2};
  auto int8 = model::PlainInt8Oracle::create(model.base, 2).value();
  for (const char* set : {"rlwe2048", "rlwe1024"}) {
    const auto params = crypto::Params::named(set).value();
    SystemRandom random;
    crypto::MaskNonce nonce;
    random.fill(nonce);
    std::shared_ptr<const protocol::ProductService> service =
        protocol::ProductService::create(model.config, model.base,
                                         model::model_fingerprint(model.config, model.base), params,
                                         nonce, 2)
            .value();
    protocol::InProcessTransport transport{service};
    const auto setup = protocol::ServerSetup::fetch(transport, params, model.config).value();
    protocol::EncryptedOracle encrypted{setup, transport, random, {0, params.ring_dim()}};
    const auto own = gradient(model, encrypted, adapter, batch);
    const double to_int8 = cosine(own, gradient(model, int8, adapter, batch));
    const double to_fp32 = cosine(own, gradient(model, fp32, adapter, batch));
    std::printf("%s: cosine to plain-int8 %.7f, to plain-fp32 %.7f\n", set, to_int8, to_fp32);
    EXPECT_GE(to_int8, 0.9999) << set;
    EXPECT_GE(to_fp32, 0.998) << set;
  }
}

}  // namespace
}  // namespace hippocrypt
