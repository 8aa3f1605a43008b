#define HIPPOCRYPT_GEMM_ISA avx2
#include "base/gemm_eigen.inl"
