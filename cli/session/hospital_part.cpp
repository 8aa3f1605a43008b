#include "cli/session/hospital_part.hpp"

#include "protocol/server/model_fingerprint.hpp"

namespace hippocrypt::cli {

Result<model::HospitalPart> make_hospital_part(const model::Model& model,
                                               std::size_t exact_channels, std::size_t threads) {
  model::HospitalPart part;
  part.exact_channels = exact_channels;
  if (exact_channels > 0) {
    HIPPOCRYPT_TRY(part.residuals, model::find_channel_residuals(model, exact_channels, threads));
  }
  part.weights = protocol::model_fingerprint(model.config, model.base);
  model::Model with_head = model;
  model::offer_head(with_head);
  part.weights_with_head = protocol::model_fingerprint(with_head.config, with_head.base);
  return part;
}

}  // namespace hippocrypt::cli
