#pragma once
// A hospital's part of a model, made where the whole model is.

#include "model/files/hospital_part.hpp"

namespace hippocrypt::cli {

/// The residuals of so many channels, and the names of the weights as a blind server gives them.
/// Errors: those of find_channel_residuals.
Result<model::HospitalPart> make_hospital_part(const model::Model& model,
                                               std::size_t exact_channels, std::size_t threads);

}  // namespace hippocrypt::cli
