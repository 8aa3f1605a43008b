#include "benchmarks/plain_products.hpp"

#include <omp.h>

#include <algorithm>
#include <memory>

#include "base/gemm.hpp"
#include "benchmarks/workload.hpp"
#ifdef HIPPOCRYPT_HAVE_OPENBLAS
#include <cblas.h>
#endif

namespace hippocrypt::bench {
namespace {

struct Matrices {
  explicit Matrices(Shape shape)
      : w{random_matrix(shape.out, shape.in)},
        x{random_matrix(shape.in, shape.tokens)},
        y{shape.out, shape.tokens} {}
  Matrix w, x, y;
};

}  // namespace

#ifdef HIPPOCRYPT_HAVE_OPENBLAS
PlainProduct openblas_sgemm(Shape shape, int threads) {
  const auto m = std::make_shared<Matrices>(shape);
  return {"openblas sgemm", [m, shape, threads] {
            const int out = static_cast<int>(shape.out), in = static_cast<int>(shape.in);
            const int tokens = static_cast<int>(shape.tokens);
            openblas_set_num_threads(threads);
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, out, tokens, in, 1, m->w.data(),
                        in, m->x.data(), tokens, 0, m->y.data(), tokens);
          }};
}
#else
PlainProduct openblas_sgemm(Shape, int) {
  return {"openblas sgemm", {}, "OpenBLAS is not installed: no comparison with sgemm"};
}
#endif

PlainProduct eigen_sgemm(Shape shape, int threads) {
  const auto m = std::make_shared<Matrices>(shape);
  return {"eigen sgemm", [m, shape, threads] {
            const auto parts = static_cast<std::int64_t>(threads);
            const std::size_t width = (shape.tokens + static_cast<std::size_t>(threads) - 1) /
                                      static_cast<std::size_t>(threads);
#pragma omp parallel for num_threads(threads)
            for (std::int64_t part = 0; part < parts; ++part) {
              const std::size_t first =
                  std::min(static_cast<std::size_t>(part) * width, shape.tokens);
              const std::size_t count = std::min(width, shape.tokens - first);
              gemm<float>(Transpose::no, m->w, Transpose::no, m->x.view().columns(first, count),
                          m->y.view().columns(first, count));
            }
          }};
}

}  // namespace hippocrypt::bench
