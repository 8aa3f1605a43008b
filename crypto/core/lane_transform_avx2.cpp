#include "crypto/core/vector_avx2.inl"
#define HIPPOCRYPT_LANE_ENTRY(name) avx2_##name
#include "crypto/core/lane_transform.inl"
