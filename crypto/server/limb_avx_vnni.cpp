#include "crypto/server/limb_vector_avx2.inl"
#include "crypto/server/limb_vnni.inl"

namespace hippocrypt::crypto {
namespace {

/// 12 sums, 3 limb lines and a weight word fill the 16 registers.
struct Vector : Avx2Vector {
  static constexpr std::size_t rows = 4;

  static Vec broadcast(const std::int8_t* weights) {
    int word;
    __builtin_memcpy(&word, weights, sizeof word);
    return _mm256_set1_epi32(word);
  }
  static Vec dpbusd(Vec sum, Vec limbs, Vec weights) {
    sum = _mm256_dpbusd_avx_epi32(sum, limbs, weights);
    asm("" : "+x"(sum));  // else GCC 12 keeps every sum twice, once in memory
    return sum;
  }
};

}  // namespace

constexpr LimbKernel avx_vnni_kernel = vnni_kernel<Vector>("avx_vnni");

}  // namespace hippocrypt::crypto
