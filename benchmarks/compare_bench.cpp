// 64 tokens through a matrix of 2048 by 2048: ours, the scalar scheme of crypto/lwe, and what has
// been published of others. Keys, hints and packed weights exist before.

#include <algorithm>
#include <utility>
#include <vector>

#include "benchmarks/blind_runs.hpp"
#include "benchmarks/plain_products.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/wire_cost.hpp"
#include "crypto/lwe/client/lwe_cipher.hpp"
#include "crypto/lwe/core/lwe_params.hpp"
#include "crypto/lwe/server/lwe_product.hpp"

namespace hippocrypt::bench {
namespace {

constexpr Shape shape{2048, 2048, 64};
constexpr double outputs = static_cast<double>(shape.out * shape.tokens);
constexpr double inputs = static_cast<double>(shape.in * shape.tokens);

/// The scalar scheme's three steps.
class LweRuns {
 public:
  explicit LweRuns(int threads)
      : matrix_{random_weights(shape.out, shape.in)},
        weights_{crypto::LweWeights::create(matrix_.view()).value()},
        secret_{crypto::LweSecret::sample(random_)},
        x_{random_matrix(shape.in, shape.tokens)},
        threads_{threads} {}
  Contestant encrypt() {
    return {"encrypt", [this] {
              auto tile = crypto::lwe_encrypt(secret_, matrix_.bounds(), x_, random_).value();
              body_ = std::move(tile.body);
              scales_ = std::move(tile.token_scale);
            }};
  }
  Contestant multiply() {
    return {"product",
            [this] { answer_ = weights_.multiply(body_, shape.tokens, threads_).value(); },
            [this] { answer_ = {}; }};
  }
  Contestant decrypt() {
    return {"decrypt",
            [this] { crypto::lwe_decrypt(secret_, answer_, shape.out, scales_).value(); }};
  }

 private:
  SystemRandom random_;
  Weights matrix_;
  crypto::LweWeights weights_;
  crypto::LweSecret secret_;
  Matrix x_;
  int threads_;
  Bytes body_, answer_;
  std::vector<double> scales_;
};

struct Traffic {
  double up, down;  ///< bytes a value
};

Json row(const char* scheme, const Timing* steps, Traffic traffic) {
  const double total = steps[0].median_s + steps[1].median_s + steps[2].median_s;
  return {{"scheme", scheme},
          {"source", "this run"},
          {"encrypt_ms", steps[0].median_s * 1e3},
          {"product_ms", steps[1].median_s * 1e3},
          {"decrypt_ms", steps[2].median_s * 1e3},
          {"total_s", total},
          {"ms_per_value", total * 1e3 / outputs},
          {"bytes_up_per_value", traffic.up},
          {"bytes_down_per_value", traffic.down},
          {"runs", std::min({steps[0].runs, steps[1].runs, steps[2].runs})}};
}

void add_published(Section& section) {
  section.peers.push_back({{"scheme", "Zama's library"},
                           {"source", "published, 2 Zen 1 cores"},
                           {"total_s", 1328},
                           {"ms_per_value", 10.1},
                           {"bytes_up_per_value", 4.9},
                           {"bytes_down_per_value", 9.8}});
  section.peers.push_back({{"scheme", "TenSEAL, CKKS"},
                           {"source", "published, 14.5 s a token"},
                           {"total_s", 14.5 * static_cast<double>(shape.tokens)},
                           {"ms_per_value", 14.5e3 / static_cast<double>(shape.out)}});
}

void add_plain(const PlainProduct& sgemm, const Timing* timing, Section& section) {
  if (!sgemm.missing.empty()) section.notes.push_back(sgemm.missing);
  if (timing == nullptr) return;
  section.peers.push_back({{"scheme", "plain fp32 sgemm"},
                           {"source", "this run"},
                           {"product_ms", timing->median_s * 1e3},
                           {"total_s", timing->median_s},
                           {"ms_per_value", timing->median_s * 1e3 / outputs},
                           {"runs", timing->runs}});
}

}  // namespace

Section compare_section(const Options& options) {
  Section section{.name = "compare",
                  .title = "64 tokens x (2048 -> 2048), products on " +
                           std::to_string(options.threads) + " threads",
                  .columns = {{"scheme", "scheme"},
                              {"source", "source"},
                              {"encrypt_ms", "encrypt ms", 2},
                              {"product_ms", "product ms", 2},
                              {"decrypt_ms", "decrypt ms", 2},
                              {"total_s", "total s", 4},
                              {"ms_per_value", "ms/value", 6},
                              {"bytes_up_per_value", "bytes up/value", 3},
                              {"bytes_down_per_value", "bytes down/value", 3},
                              {"runs", "runs"}}};
  BlindRuns blind{shape.out, shape.in, shape.tokens, options.threads};
  LweRuns lwe{options.threads};
  std::vector<Contestant> contestants{
      blind.encrypt(),  blind.multiply(),          blind.decrypt(), blind.encrypt_with_pads(),
      blind.multiply(), blind.decrypt_with_pads(), lwe.encrypt(),   lwe.multiply(),
      lwe.decrypt()};
  const std::size_t plain_at = contestants.size();
  const PlainProduct sgemm = openblas_sgemm(shape, options.threads);
  if (sgemm.run) contestants.push_back({sgemm.name, sgemm.run});
  const auto timings = alternate(contestants, {options.seconds, thread_pause_s});
  const Traffic rlwe{static_cast<double>(request_frame_bytes(shape.in, shape.tokens)) / inputs,
                     static_cast<double>(reply_frame_bytes(shape.out, shape.tokens)) / outputs};
  section.rows.push_back(row("ours, rlwe2048", &timings[0], rlwe));
  section.rows.push_back(row("ours, pads made ahead", &timings[3], rlwe));
  section.rows.push_back(
      row("scalar LWE, lwe1024", &timings[6],
          {static_cast<double>(crypto::lwe_body_bytes(shape.in, shape.tokens)) / inputs,
           static_cast<double>(crypto::lwe_answer_bytes(shape.out, shape.tokens)) / outputs}));
  add_plain(sgemm, sgemm.run ? &timings[plain_at] : nullptr, section);
  add_published(section);
  section.notes.push_back(
      "Hints, keys and packed weights are made before; `scripts/bench hints` times the hints.");
  section.notes.push_back(
      "\"published\" is quoted from elsewhere and was not measured here; TenSEAL's machine is not "
      "stated.");
  return section;
}

}  // namespace hippocrypt::bench
