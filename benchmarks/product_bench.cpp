// The server's product, every kernel of this machine, and what others need for the plain one.
// Expected: three limbs of an 8-bit product are at best a third of oneDNN's speed; an exact double
// product is at best half of sgemm's.

#include <memory>

#include "benchmarks/alternate.hpp"
#include "benchmarks/plain_products.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/workload.hpp"
#include "crypto/core/wire_format.hpp"
#include "crypto/server/product.hpp"

namespace hippocrypt::bench {
namespace {

constexpr std::size_t tokens = 2048;
constexpr Shape shapes[] = {
    {2048, 2048, tokens}, {5632, 2048, tokens}, {2048, 5632, tokens}, {1536, 576, tokens}};

struct Kernel {
  std::string name;
  std::shared_ptr<crypto::PackedWeights> weights;
};

std::vector<Kernel> pack_all(crypto::Int8MatrixView weights) {
  std::vector<Kernel> kernels;
  for (const auto& name : crypto::runnable_kernels()) {
    kernels.push_back({std::string{name}, crypto::pack_weights_for(name, weights).value()});
  }
  return kernels;
}

/// "exact double avx2" goes by "avx2", the name that HIPPOCRYPT_KERNEL takes.
std::string short_name(const std::string& kernel) {
  const std::string prefix = "exact double ";
  return kernel.starts_with(prefix) ? kernel.substr(prefix.size()) : kernel;
}

Json row(const std::string& name, Shape shape, const Timing& timing) {
  return {{"shape", {shape.out, shape.in, shape.tokens}},
          {"kernel", name},
          {"gmac_per_s", shape.multiplications() / timing.median_s * 1e-9},
          {"median_ms", timing.median_s * 1e3},
          {"fastest_ms", timing.fastest_s * 1e3},
          {"runs", timing.runs}};
}

/// "openblas sgemm" is the yardstick and goes by "sgemm".
std::string ratio_key(const std::string& peer) {
  if (peer == "openblas sgemm") return "ratio_to_sgemm";
  std::string key = "ratio_to_" + peer;
  for (char& letter : key) letter = letter == ' ' ? '_' : letter;
  return key;
}

void add_shape(Shape shape, const Options& options, Section& section) {
  const Weights weights = random_weights(shape.out, shape.in);
  const Bytes body(shape.in * crypto::row_bytes(24, shape.tokens), 7);
  const std::vector<Kernel> kernels = pack_all(weights.view());
  std::vector<Contestant> contestants;
  for (const Kernel& kernel : kernels) {
    contestants.push_back({kernel.name, [&, packed = kernel.weights] {
                             packed->multiply(body, shape.tokens, options.threads).value();
                           }});
  }
  for (PlainProduct& peer : std::vector<PlainProduct>{
           openblas_sgemm(shape, options.threads), eigen_sgemm(shape, options.threads),
           onednn_u8s8s32(shape, options.threads), onednn_bf16(shape, options.threads)}) {
    if (peer.run) contestants.push_back({peer.name, std::move(peer.run)});
    if (section.rows.empty() && !peer.missing.empty()) section.notes.push_back(peer.missing);
  }
  const auto timings = alternate(contestants, {options.seconds, thread_pause_s});
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    Json own = row(short_name(kernels[k].name), shape, timings[k]);
    for (std::size_t p = kernels.size(); p < contestants.size(); ++p) {
      own[ratio_key(contestants[p].name)] = timings[p].median_s / timings[k].median_s;
    }
    own["bytes_per_weight"] = static_cast<double>(kernels[k].weights->memory_bytes()) /
                              static_cast<double>(shape.out * shape.in);
    section.rows.push_back(std::move(own));
  }
  for (std::size_t p = kernels.size(); p < contestants.size(); ++p) {
    section.peers.push_back(row(contestants[p].name, shape, timings[p]));
  }
}

}  // namespace

Section product_section(const Options& options) {
  Section section{.name = "product",
                  .title = "server product, " + std::to_string(options.threads) +
                           " threads; shape is outputs x inputs x tokens, ratios are ours / theirs",
                  .columns = {{"shape", "shape"},
                              {"kernel", "kernel"},
                              {"median_ms", "ms", 1},
                              {"gmac_per_s", "G MAC/s", 1},
                              {"ratio_to_sgemm", "of sgemm", 2},
                              {"ratio_to_eigen_sgemm", "of Eigen", 2},
                              {"ratio_to_onednn_u8s8s32", "of u8s8s32", 2},
                              {"ratio_to_onednn_bf16", "of bf16", 2},
                              {"bytes_per_weight", "bytes/weight", 2},
                              {"runs", "runs"}}};
  for (const Shape& shape : shapes) add_shape(shape, options, section);
  return section;
}

}  // namespace hippocrypt::bench
