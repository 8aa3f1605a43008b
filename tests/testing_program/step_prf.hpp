#pragma once
// Randomness as a function of what it is for: PRF(seed, owner, purpose, round, step, attempt), so
// that a run that was killed and goes on draws what the uninterrupted one drew. For tests only: who
// knows the seed knows every secret.

#include <memory>
#include <mutex>

#include "base/hmac.hpp"
#include "base/keyed_stream.hpp"

namespace hippocrypt::testing_program {

class StepPrf final : public StepRandom {
 public:
  StepPrf(std::uint64_t seed, const std::string& owner) : seed_{seed}, owner_{owner} {
    seek("start", 0, 0, 0);
  }
  void fill(std::span<std::uint8_t> out) override {
    const std::lock_guard lock{mutex_};
    stream_->fill(out);
  }
  void seek(std::string_view purpose, std::uint64_t round, std::uint64_t step,
            std::uint64_t attempt) override {
    SecretBytes seed{sizeof seed_};
    std::memcpy(seed.reveal().data(), &seed_, sizeof seed_);
    const std::string place =
        std::to_string(round) + ' ' + std::to_string(step) + ' ' + std::to_string(attempt);
    const Hash256 key =
        HmacSha256{seed}.add_field(owner_).add_field(purpose).add_field(place).finish();
    SecretBytes bytes{key.size()};
    std::copy(key.begin(), key.end(), bytes.reveal().begin());
    const std::lock_guard lock{mutex_};
    stream_ = std::make_unique<KeyedStream>(bytes);
  }

 private:
  std::uint64_t seed_;
  std::string owner_;
  std::mutex mutex_;
  std::unique_ptr<KeyedStream> stream_;
};

inline RandomFactory prf_factory(std::uint64_t seed) {
  return [seed](const std::string& owner) { return std::make_shared<StepPrf>(seed, owner); };
}

}  // namespace hippocrypt::testing_program
