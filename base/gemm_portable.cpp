#define HIPPOCRYPT_GEMM_ISA portable
#include "base/gemm_eigen.inl"
