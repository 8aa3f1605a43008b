#include "crypto/core/vector_avx512.inl"
#define HIPPOCRYPT_LANE_ENTRY avx512_inverse_product
#include "crypto/core/lane_transform.inl"
