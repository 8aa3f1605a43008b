#include "federation/client/lot_packing.hpp"

#include "base/check.hpp"

namespace hippocrypt::federation {

StepRoom step_room(const TrainingConfig& training, const EncryptionConfig& encryption) {
  return {training.accumulate, std::size_t{encryption.train_tiles} * encryption.tile_tokens,
          training.max_patient_tokens};
}

std::vector<std::vector<std::size_t>> split_lot(const std::vector<std::size_t>& members,
                                                std::span<const std::uint32_t> unit_tokens,
                                                const StepRoom& room) {
  std::vector<std::vector<std::size_t>> passes(1);
  std::size_t used = 0;
  for (const std::size_t member : members) {
    const std::size_t tokens = unit_tokens[member];
    if (used + tokens > room.pass_tokens) {
      passes.emplace_back();
      used = 0;
    }
    used += tokens;
    passes.back().push_back(member);
  }
  HIPPOCRYPT_CHECK(passes.size() <= room.passes, "a lot above its capacity");
  passes.resize(room.passes);
  return passes;
}

}  // namespace hippocrypt::federation
