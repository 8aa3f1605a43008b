// What the blind product costs. Expected, for one core: an inverse transform is 5.5 butterflies a
// coefficient, about 12 vector instructions each, so 4 instructions a coefficient with 16 lanes;
// the product is a double GEMM, at most half the speed of sgemm.

#include <benchmark/benchmark.h>

#include <vector>

#include "base/cpu.hpp"
#include "base/random.hpp"
#include "crypto/client/tile_cipher.hpp"
#include "crypto/core/lane_transform.hpp"
#include "crypto/core/masks.hpp"
#include "crypto/core/modulus.hpp"
#include "crypto/core/ntt.hpp"
#include "crypto/server/product.hpp"
#ifdef HIPPOCRYPT_HAVE_OPENBLAS
#include <cblas.h>
#endif

namespace hippocrypt::crypto {
namespace {

using benchmark::Counter;

/// Seconds for each of `items` an iteration, shown with a suffix (n for nanoseconds).
void per_item(benchmark::State& state, const char* name, double items) {
  state.counters[name] = Counter(items, Counter::kIsIterationInvariantRate | Counter::kInvert);
}

const Params& params() {
  static const Params value = Params::named("rlwe2048").value();
  return value;
}

LanePolys uniform_polys(std::size_t count) {
  return make_masks(params(), Hash256{}, MaskNonce{}, count);
}

std::vector<std::int8_t> random_weights(std::size_t count) {
  SeededSequence sequence{1, "weights"};
  std::vector<std::int8_t> weights(count);
  for (auto& w : weights) w = static_cast<std::int8_t>(static_cast<int>(sequence.below(255)) - 127);
  return weights;
}

Matrix random_tile(std::size_t features, std::size_t tokens) {
  SeededSequence sequence{2, "tile"};
  Matrix x{features, tokens};
  for (float& value : x.values()) value = static_cast<float>(sequence.normal());
  return x;
}

void inverse_transform(benchmark::State& state) {
  const auto level = static_cast<SimdLevel>(state.range(0));
  if (machine_simd_level() < level) return state.SkipWithError("not on this machine");
  state.SetLabel(to_string(level));
  const std::size_t n = params().ring_dim(), groups = 64;
  const LanePolys polys = uniform_polys(groups * lanes);
  std::vector<std::uint32_t> secret(n), quotients(n), out(n * lanes);
  for (std::size_t k = 0; k < n; ++k) {
    secret[k] = polys.view().at(0, k);
    quotients[k] = shoup_quotient(secret[k]);
  }
  for (auto _ : state) {
    for (std::size_t g = 0; g < groups; ++g) {
      inverse_product(NttTables::of(n), polys.view().group(g), secret.data(), quotients.data(),
                      out.data(), level);
      benchmark::ClobberMemory();
    }
  }
  per_item(state, "s/coefficient", static_cast<double>(groups * lanes * n));
}
BENCHMARK(inverse_transform)->DenseRange(0, 2)->Unit(benchmark::kMillisecond);

void encrypt(benchmark::State& state) {
  const auto features = static_cast<std::size_t>(state.range(0));
  const auto tokens = static_cast<std::size_t>(state.range(1));
  const LanePolys masks = uniform_polys(features);
  const Matrix x = random_tile(features, tokens);
  SystemRandom random;
  for (auto _ : state) {
    auto tile = encrypt_tile(params(), masks.view(), {2000, 40000}, x,
                             OneTimeSecret::sample(params(), random), random);
    benchmark::DoNotOptimize(tile->body.data());
  }
  per_item(state, "s/value", static_cast<double>(features * tokens));
}
BENCHMARK(encrypt)
    ->Args({384, 2048})
    ->Args({2048, 2048})
    ->Args({2048, 16})
    ->Unit(benchmark::kMillisecond);

void decrypt(benchmark::State& state) {
  const auto features = static_cast<std::size_t>(state.range(0));
  const auto tokens = static_cast<std::size_t>(state.range(1));
  const LanePolys hints = uniform_polys(features);
  const Bytes answer(features * tokens * download_bytes_per_value, 7);
  const Matrix x{1, tokens};
  SystemRandom random;
  for (auto _ : state) {
    state.PauseTiming();
    auto tile = encrypt_tile(params(), hints.view(), {2000, 40000}, x,
                             OneTimeSecret::sample(params(), random), random);
    state.ResumeTiming();
    auto y = decrypt_tile(params(), hints.view(), answer, tile->token_scale, std::move(tile->key));
    benchmark::DoNotOptimize(y->data());
  }
  per_item(state, "s/value", static_cast<double>(features * tokens));
}
BENCHMARK(decrypt)
    ->Args({384, 2048})
    ->Args({2048, 2048})
    ->Args({2048, 16})
    ->Unit(benchmark::kMillisecond);

/// out, in, tokens; one thread.
void product_shapes(benchmark::internal::Benchmark* bench) {
  bench->Args({2048, 2048, 2048})->Args({256, 128, 2048})->Unit(benchmark::kMillisecond);
}

double multiplications(const benchmark::State& state) {
  return static_cast<double>(state.range(0)) * static_cast<double>(state.range(1)) *
         static_cast<double>(state.range(2));
}

void product(benchmark::State& state) {
  const auto out = static_cast<std::size_t>(state.range(0));
  const auto in = static_cast<std::size_t>(state.range(1));
  const auto tokens = static_cast<std::size_t>(state.range(2));
  const auto packed = pack_weights({random_weights(out * in), out, in});
  const Bytes body(in * tokens * upload_bytes_per_value, 7);
  state.SetLabel((*packed)->kernel_name());
  for (auto _ : state) {
    auto answer = (*packed)->multiply(body, tokens, 1);
    benchmark::DoNotOptimize(answer->data());
  }
  state.counters["MAC/s"] = Counter(multiplications(state), Counter::kIsIterationInvariantRate);
}
BENCHMARK(product)->Apply(product_shapes);

void hints(benchmark::State& state) {
  const auto weights = random_weights(2048 * 384);
  const LanePolys masks = uniform_polys(384);
  for (auto _ : state) {
    const LanePolys result = compute_hints({weights, 2048, 384}, masks.view(), 1);
    benchmark::DoNotOptimize(result.view().words().data());
  }
}
BENCHMARK(hints)->Unit(benchmark::kMillisecond);

#ifdef HIPPOCRYPT_HAVE_OPENBLAS
void openblas_sgemm(benchmark::State& state) {
  openblas_set_num_threads(1);
  const auto out = static_cast<int>(state.range(0)), in = static_cast<int>(state.range(1));
  const auto tokens = static_cast<int>(state.range(2));
  const Matrix w = random_tile(static_cast<std::size_t>(out), static_cast<std::size_t>(in));
  const Matrix x = random_tile(static_cast<std::size_t>(in), static_cast<std::size_t>(tokens));
  Matrix y{static_cast<std::size_t>(out), static_cast<std::size_t>(tokens)};
  for (auto _ : state) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, out, tokens, in, 1, w.data(), in,
                x.data(), tokens, 0, y.data(), tokens);
    benchmark::ClobberMemory();
  }
  state.counters["MAC/s"] = Counter(multiplications(state), Counter::kIsIterationInvariantRate);
}
BENCHMARK(openblas_sgemm)->Apply(product_shapes);
#endif

}  // namespace
}  // namespace hippocrypt::crypto
