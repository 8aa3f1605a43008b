#define HIPPOCRYPT_GEMM_ISA avx512
#include "base/gemm_eigen.inl"
