#define HIPPOCRYPT_ROW_ISA avx2
#include "model/row_kernels.inl"
