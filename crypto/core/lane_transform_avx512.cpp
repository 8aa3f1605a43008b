#include "crypto/core/vector_avx512.inl"
#define HIPPOCRYPT_LANE_ENTRY(name) avx512_##name
#include "crypto/core/lane_transform.inl"
