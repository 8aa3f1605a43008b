#pragma once
// What a training by one hospital needs to go on: all of its state between two steps. The lots and
// the learning rate of a step follow from its number (LotSource::seeded_by_step, Schedule), so
// steps_done is the position of both.

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "federation/client/local_optimizer.hpp"
#include "federation/common/run_settings.hpp"

namespace hippocrypt::federation {

struct Checkpoint {
  std::vector<Setting> settings;  ///< run_settings() and the fingerprints of model and data
  std::uint64_t steps_done = 0;
  double loss_before = 0;  ///< held-out loss before the first step
  double seconds = 0;      ///< of work until now
  std::uint64_t bytes_up = 0, bytes_down = 0;
  double clip = 0;            ///< where adaptive clipping has taken it; 0: unknown
  std::vector<float> values;  ///< trained values of the adapter
  OptimizerState optimizer;
};

/// The bytes of a checkpoint file: magic "HPCK", u32 version, the fields, each list behind its
/// length, and the SHA-256 of all before it.
Bytes encode(const Checkpoint& checkpoint);

/// `source` names the bytes in messages. No count is believed beyond what the bytes hold. Errors:
/// tampered (the hash does not agree, as with any damage), malformed (another kind of file),
/// unsupported (another version).
Result<Checkpoint> decode_checkpoint(ByteView bytes, const std::string& source);

}  // namespace hippocrypt::federation
