#include "crypto/server/product.hpp"

#include <algorithm>

namespace hippocrypt::crypto {
namespace {

/// Tokens beyond this cannot belong to a body that fits memory, and row_bytes could overflow.
constexpr std::size_t max_tokens = std::size_t{1} << 32;

}  // namespace

Status PackedWeights::check(std::span<const ProductInput> inputs, WireFormat format) const {
  HIPPOCRYPT_CHECK(format.is_known());
  for (const ProductInput& input : inputs) {
    if (input.tokens > max_tokens ||
        input.body.size() != in() * row_bytes(format.upload_bits, input.tokens)) {
      return Error{Errc::malformed, "a ciphertext of " + std::to_string(input.body.size()) +
                                        " bytes does not hold " + std::to_string(input.tokens) +
                                        " tokens of " + std::to_string(in()) + " features with " +
                                        std::to_string(format.upload_bits) + " bits"};
    }
  }
  return {};
}

Status PackedWeights::multiply_into(std::span<const ProductInput> inputs, WireFormat format,
                                    int threads, std::span<const WritableBytes> answers) const {
  HIPPOCRYPT_TRY_VOID(check(inputs, format));
  HIPPOCRYPT_CHECK(answers.size() == inputs.size());
  bool has_tokens = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    HIPPOCRYPT_CHECK(answers[i].size() == answer_bytes(inputs[i].tokens, format));
    has_tokens = has_tokens || inputs[i].tokens != 0;
  }
  if (has_tokens) run(inputs, format, static_cast<std::size_t>(std::max(threads, 1)), answers);
  return {};
}

Result<std::vector<Bytes>> PackedWeights::multiply_many(std::span<const ProductInput> inputs,
                                                        WireFormat format, int threads) const {
  HIPPOCRYPT_TRY_VOID(check(inputs, format));  // before anything is allocated
  std::vector<Bytes> answers;
  answers.reserve(inputs.size());
  std::vector<WritableBytes> places;
  for (const ProductInput& input : inputs) {
    places.emplace_back(answers.emplace_back(answer_bytes(input.tokens, format)));
  }
  HIPPOCRYPT_TRY_VOID(multiply_into(inputs, format, threads, places));
  return answers;
}

Result<Bytes> PackedWeights::multiply(ByteView body, std::size_t tokens, int threads,
                                      WireFormat format) const {
  const ProductInput input{body, tokens};
  HIPPOCRYPT_TRY(std::vector<Bytes> answers, multiply_many({&input, 1}, format, threads));
  return std::move(answers.front());
}

}  // namespace hippocrypt::crypto
