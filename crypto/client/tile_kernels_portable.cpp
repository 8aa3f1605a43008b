#include "crypto/client/tile_vector_portable.inl"
#define HIPPOCRYPT_TILE_ENTRY(name) portable_##name
#include "crypto/client/tile_kernels.inl"
