// oneDNN with its OpenMP threads, the same ones that our kernels use.

#include "benchmarks/plain_products.hpp"

#ifdef HIPPOCRYPT_HAVE_ONEDNN
#include <omp.h>

#include <memory>
#include <unordered_map>

#include <oneapi/dnnl/dnnl.hpp>

namespace hippocrypt::bench {
namespace {

using dnnl::memory;
using Type = memory::data_type;

/// Y^T (tokens, out) = X^T (tokens, in)·W^T (in, out).
class MatMul {
 public:
  MatMul(Shape shape, Type x_type, Type w_type, Type y_type)
      : stream_{engine_},
        description_{make_description(shape, x_type, w_type, y_type)},
        product_{description_},
        x_{description_.src_desc(), engine_},
        w_{description_.weights_desc(), engine_},
        y_{description_.dst_desc(), engine_} {
    fill(x_, shape.tokens, shape.in);
    fill(w_, shape.in, shape.out);
  }
  void run() {
    product_.execute(stream_, {{DNNL_ARG_SRC, x_}, {DNNL_ARG_WEIGHTS, w_}, {DNNL_ARG_DST, y_}});
    stream_.wait();
  }

 private:
  static memory::dims dims(std::size_t rows, std::size_t cols) {
    return {static_cast<memory::dim>(rows), static_cast<memory::dim>(cols)};
  }
  dnnl::matmul::primitive_desc make_description(Shape shape, Type x, Type w, Type y) const {
    const memory::desc x_desc{dims(shape.tokens, shape.in), x, memory::format_tag::ab};
    const memory::desc w_desc{dims(shape.in, shape.out), w, memory::format_tag::any};
    const memory::desc y_desc{dims(shape.tokens, shape.out), y, memory::format_tag::ab};
    return {dnnl::matmul::desc{x_desc, w_desc, y_desc}, engine_};
  }
  /// Small whole numbers, converted to the type and layout that the product wants.
  void fill(memory& to, std::size_t rows, std::size_t cols) {
    memory plain{{dims(rows, cols), Type::f32, memory::format_tag::ab}, engine_};
    auto* const values = static_cast<float*>(plain.get_data_handle());
    for (std::size_t i = 0; i < rows * cols; ++i) values[i] = static_cast<float>(i * 7919 % 101);
    dnnl::reorder{plain, to}.execute(stream_, plain, to);
    stream_.wait();
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_;
  dnnl::matmul::primitive_desc description_;
  dnnl::matmul product_;
  memory x_, w_, y_;
};

PlainProduct make_product(const char* name, Shape shape, int threads, Type x, Type w, Type y) {
  try {
    omp_set_num_threads(threads);
    const auto product = std::make_shared<MatMul>(shape, x, w, y);
    return {name, [product, threads] {
              omp_set_num_threads(threads);
              product->run();
            }};
  } catch (const dnnl::error& error) {
    return {name, {}, std::string{name} + " does not run on this machine: " + error.what()};
  }
}

}  // namespace

PlainProduct onednn_u8s8s32(Shape shape, int threads) {
  return make_product("onednn u8s8s32", shape, threads, Type::u8, Type::s8, Type::s32);
}

PlainProduct onednn_bf16(Shape shape, int threads) {
  return make_product("onednn bf16", shape, threads, Type::bf16, Type::bf16, Type::f32);
}

}  // namespace hippocrypt::bench
#else
namespace hippocrypt::bench {

PlainProduct onednn_u8s8s32(Shape, int) {
  return {"onednn u8s8s32", {}, "oneDNN is not installed: no comparison with u8s8s32 and bf16"};
}

PlainProduct onednn_bf16(Shape, int) { return {"onednn bf16"}; }

}  // namespace hippocrypt::bench
#endif
