#define HIPPOCRYPT_ROW_ISA portable
#include "model/row_kernels.inl"
