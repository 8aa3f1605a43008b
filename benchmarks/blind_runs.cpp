#include "benchmarks/blind_runs.hpp"

#include <utility>

#include "crypto/client/one_time_secret.hpp"
#include "crypto/client/tile_pads.hpp"

namespace hippocrypt::bench {

using crypto::OneTimeSecret;

BlindRuns::BlindRuns(std::size_t out, std::size_t in, std::size_t tokens, int threads)
    : params_{crypto::Params::named("rlwe2048").value()},
      weights_{random_weights(out, in)},
      bounds_{weights_.bounds()},
      packed_{crypto::pack_weights(weights_.view()).value()},
      masks_{random_polys(params_, in)},
      hints_{random_polys(params_, out)},
      x_{random_matrix(in, tokens)},
      threads_{threads} {
  body_ = encrypted().body;
  answer_ = packed_->multiply(body_, tokens, threads).value();
}

Contestant BlindRuns::encrypt() {
  return {"encrypt", [this] { encrypted(); }};
}

Contestant BlindRuns::multiply() {
  return {"product", [this] { packed_->multiply(body_, x_.cols(), threads_).value(); }};
}

Contestant BlindRuns::decrypt() {
  return {"decrypt", [this] { decrypt(*std::exchange(ready_tile_, {}), answer_); },
          [this] { ready_tile_ = encrypted(); }};
}

Contestant BlindRuns::make_pads() {
  return {"make pads", [this] { pads(); }};
}

Contestant BlindRuns::encrypt_with_pads() {
  return {"encrypt, pads ahead", [this] { encrypted_with(*std::exchange(ready_pads_, {})); },
          [this] { ready_pads_ = pads(); }};
}

Contestant BlindRuns::decrypt_with_pads() {
  return {"decrypt, pads ahead", [this] { decrypt(*std::exchange(ready_tile_, {}), answer_); },
          [this] { ready_tile_ = encrypted_with(pads()); }};
}

Contestant BlindRuns::whole() {
  return {"encrypt + product + decrypt", [this] {
            crypto::EncryptedTile tile = encrypted();
            const Bytes answer = packed_->multiply(tile.body, x_.cols(), threads_).value();
            decrypt(std::move(tile), answer);
          }};
}

Contestant BlindRuns::whole_with_pads() {
  return {"the same, pads ahead",
          [this] {
            crypto::EncryptedTile tile = encrypted_with(*std::exchange(ready_pads_, {}));
            const Bytes answer = packed_->multiply(tile.body, x_.cols(), threads_).value();
            decrypt(std::move(tile), answer);
          },
          [this] { ready_pads_ = pads(); }};
}

crypto::EncryptedTile BlindRuns::encrypted() {
  return crypto::encrypt_tile(params_, masks_.view(), bounds_, x_,
                              OneTimeSecret::sample(params_, random_), random_)
      .value();
}

crypto::TilePads BlindRuns::pads() {
  return crypto::TilePads::make(params_, masks_.view(), x_.rows(), hints_.view(), x_.cols(),
                                OneTimeSecret::sample(params_, random_), random_);
}

crypto::EncryptedTile BlindRuns::encrypted_with(crypto::TilePads pads) const {
  return crypto::encrypt_tile(params_, std::move(pads), bounds_, x_).value();
}

void BlindRuns::decrypt(crypto::EncryptedTile tile, ByteView answer) const {
  crypto::decrypt_tile(params_, hints_.view(), answer, tile.token_scale, std::move(tile.key))
      .value();
}

}  // namespace hippocrypt::bench
