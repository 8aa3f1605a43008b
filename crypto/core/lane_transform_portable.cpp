#include "crypto/core/vector_portable.inl"
#define HIPPOCRYPT_LANE_ENTRY portable_inverse_product
#include "crypto/core/lane_transform.inl"
