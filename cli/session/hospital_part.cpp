#include "cli/session/hospital_part.hpp"

#include "model/model_fingerprint.hpp"

namespace hippocrypt::cli {

Result<model::HospitalPart> make_hospital_part(const model::Model& model,
                                               std::size_t exact_channels, std::size_t threads) {
  model::HospitalPart part;
  part.exact_channels = exact_channels;
  if (exact_channels > 0) {
    HIPPOCRYPT_TRY(part.residuals, model::find_channel_residuals(model, exact_channels, threads));
  }
  part.weights = model::model_fingerprint(model, false);
  part.weights_with_head = model::model_fingerprint(model, true);
  return part;
}

}  // namespace hippocrypt::cli
