#include "base/secret.hpp"

#include <openssl/crypto.h>

namespace hippocrypt {

void secure_wipe(void* data, std::size_t size_bytes) { OPENSSL_cleanse(data, size_bytes); }

}  // namespace hippocrypt
