#define HIPPOCRYPT_ROW_ISA avx512
#include "model/row_kernels.inl"
