#include "crypto/client/tile_vector_avx512.inl"
#define HIPPOCRYPT_TILE_ENTRY(name) avx512_##name
#include "crypto/client/tile_kernels.inl"
