#include "crypto/core/vector_avx2.inl"
#define HIPPOCRYPT_LANE_ENTRY avx2_inverse_product
#include "crypto/core/lane_transform.inl"
