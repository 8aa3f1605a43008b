#include "crypto/core/vector_portable.inl"
#define HIPPOCRYPT_LANE_ENTRY(name) portable_##name
#include "crypto/core/lane_transform.inl"
