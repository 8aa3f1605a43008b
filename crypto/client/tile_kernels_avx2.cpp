#include "crypto/client/tile_vector_avx2.inl"
#define HIPPOCRYPT_TILE_ENTRY(name) avx2_##name
#include "crypto/client/tile_kernels.inl"
