#include "crypto/server/limb_vector_avx512.inl"
#include "crypto/server/limb_vnni.inl"

namespace hippocrypt::crypto {
namespace {

/// 24 sums, 3 limb lines and a weight word in 32 registers.
struct Vector : Avx512Vector {
  static constexpr std::size_t rows = 8;

  static Vec broadcast(const std::int8_t* weights) {
    int word;
    __builtin_memcpy(&word, weights, sizeof word);
    return _mm512_set1_epi32(word);
  }
  static Vec dpbusd(Vec sum, Vec limbs, Vec weights) {
    sum = _mm512_dpbusd_epi32(sum, limbs, weights);
    asm("" : "+v"(sum));  // else GCC 12 keeps every sum twice, once in memory
    return sum;
  }
};

}  // namespace

constexpr LimbKernel avx512_vnni_kernel = vnni_kernel<Vector>("avx512_vnni");

}  // namespace hippocrypt::crypto
