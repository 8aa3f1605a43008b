#include "crypto/lwe/client/lwe_cipher.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "crypto/core/prng.hpp"
#include "crypto/lwe/client/lwe_secret_access.hpp"
#include "crypto/lwe/client/rounded_gaussian.hpp"
#include "crypto/lwe/core/lwe_matrix.hpp"
#include "crypto/lwe/core/lwe_noise.hpp"
#include "crypto/lwe/core/lwe_params.hpp"

namespace hippocrypt::crypto {
namespace {

/// Rows of A that are expanded at a time: 64 KB stay in the cache.
constexpr std::size_t block_rows = 16;

bool are_sound(RowNormBounds bounds) {
  return std::isfinite(bounds.max_l1) && std::isfinite(bounds.max_l2) && bounds.max_l1 >= 0 &&
         bounds.max_l2 >= 0;
}

/// D_t; infinity for zero columns. A max_l2 below 1 counts as 1, the least norm of a row of
/// integers that is not zero.
Result<std::vector<double>> lwe_scales(RowNormBounds bounds, ConstMatrixView x) {
  const double room = are_sound(bounds) ? lwe_message_room(bounds.max_l1) : -1;
  if (room <= 0) {
    return Error{Errc::out_of_range,
                 "the weight matrix has a row whose norms leave no room for a message beside the "
                 "noise: split it into matrices with fewer inputs"};
  }
  std::vector<double> scales(x.cols());
  for (std::size_t j = 0; j < x.rows(); ++j) {
    const auto row = x.row(j);
    for (std::size_t t = 0; t < row.size(); ++t) {
      scales[t] += static_cast<double>(row[t]) * static_cast<double>(row[t]);
    }
  }
  bool finite = true;  // a float's square cannot overflow a double: only NaN and infinity show
  for (const double sum : scales) finite &= std::isfinite(sum);
  if (!finite) {
    return Error{Errc::not_finite,
                 "an activation to encrypt is NaN or infinite: the model has diverged; go back to "
                 "an earlier checkpoint or lower the learning rate"};
  }
  for (double& scale : scales) scale = room / (std::max(bounds.max_l2, 1.0) * std::sqrt(scale));
  return scales;
}

/// round(D·x) mod 2^32.
std::uint32_t message(double scale, float x) {
  return static_cast<std::uint32_t>(std::llrint(scale * static_cast<double>(x)));
}

/// b of one token: b[j·tokens + t] for all features j.
void encrypt_token(const LweSecret& secret, LweMatrix& matrix, StreamRandom& stream,
                   ConstMatrixView x, std::size_t t, double scale, std::uint8_t* b) {
  std::array<std::uint32_t, block_rows * lwe_dimension> rows;
  SecretArray<std::int32_t> errors{x.rows()};
  sample_rounded_gaussian(stream, lwe_error_std, errors.reveal());
  for (std::size_t first = 0; first < x.rows(); first += block_rows) {
    const std::size_t count = std::min(block_rows, x.rows() - first);
    matrix.rows(t, first, {rows.data(), count * lwe_dimension});
    for (std::size_t r = 0; r < count; ++r) {
      const std::size_t j = first + r;
      const std::uint32_t value =
          LweSecretAccess::inner_product(secret, rows.data() + r * lwe_dimension) +
          static_cast<std::uint32_t>(errors.reveal()[j]) + message(scale, x(j, t));
      std::memcpy(b + (j * x.cols() + t) * sizeof value, &value, sizeof value);
    }
  }
}

}  // namespace

Result<LweTile> lwe_encrypt(const LweSecret& secret, RowNormBounds bounds, ConstMatrixView x,
                            RandomSource& random) {
  if (x.cols() == 0 || x.rows() == 0 || x.rows() > lwe_max_inputs) {
    return Error{Errc::out_of_range, "a tile holds at least one token of 1 to " +
                                         std::to_string(lwe_max_inputs) + " features, not " +
                                         std::to_string(x.cols()) + " of " +
                                         std::to_string(x.rows())};
  }
  HIPPOCRYPT_TRY(std::vector<double> scales, lwe_scales(bounds, x));
  LweSeed seed{};
  random.fill(seed);
  StreamRandom stream{random};
  LweMatrix matrix{seed, x.rows()};
  Bytes body(lwe_body_bytes(x.rows(), x.cols()));
  std::copy(seed.begin(), seed.end(), body.begin());
  for (std::size_t t = 0; t < x.cols(); ++t) {
    const double scale = std::isfinite(scales[t]) ? scales[t] : 1;  // 1·0, not inf·0
    encrypt_token(secret, matrix, stream, x, t, scale, body.data() + lwe_seed_bytes);
  }
  return LweTile{std::move(body), std::move(scales)};
}

Result<Matrix> lwe_decrypt(const LweSecret& secret, ByteView answer, std::size_t outputs,
                           const std::vector<double>& token_scale) {
  const std::size_t tokens = token_scale.size();
  const std::size_t want = lwe_answer_bytes(outputs, tokens);
  if (answer.size() != want) {
    return Error{Errc::malformed, "the server's answer has " + std::to_string(answer.size()) +
                                      " bytes where " + std::to_string(want) +
                                      " are due: it belongs to another product or is damaged"};
  }
  Matrix y{outputs, tokens};
  std::array<std::uint32_t, lwe_answer_words> words;
  const std::uint8_t* from = answer.data();
  for (std::size_t t = 0; t < tokens; ++t) {
    const double inverse_scale = 1 / token_scale[t];
    for (std::size_t i = 0; i < outputs; ++i, from += sizeof words) {
      std::memcpy(words.data(), from, sizeof words);
      const std::uint32_t value =
          words[lwe_dimension] - LweSecretAccess::inner_product(secret, words.data());
      const double centred = static_cast<double>(static_cast<std::int32_t>(value));
      y(i, t) = static_cast<float>(centred * inverse_scale);
    }
  }
  return y;
}

}  // namespace hippocrypt::crypto
