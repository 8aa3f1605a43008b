#pragma once
// What `hippocrypt model inspect` finds out about a model: its shape, what it costs, and how well
// int8 holds its weights.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/commands/model_costs.hpp"
#include "model/quantization_error.hpp"
#include "model/source/open_model.hpp"

namespace hippocrypt::cli {

struct MatrixReport {
  model::LinearSite site;
  std::size_t rows = 0, cols = 0;
  model::QuantizationError error;
  model::OutlierChannels outliers;
};

/// One entry a stacked matrix, block by block. Errors: not_finite.
Result<std::vector<MatrixReport>> report_matrices(const model::Model& model);

/// All matrices of one group, or of the model.
struct ErrorSummary {
  double relative_frobenius = 0.0;  ///< of all together
  double max_abs = 0.0;
  MatrixReport worst_row;     ///< the matrix that has it
  MatrixReport worst_matrix;  ///< by relative Frobenius error
  std::size_t outlier_channels = 0;
};
/// `reports` must not be empty.
ErrorSummary summarise(const std::vector<MatrixReport>& reports);

/// The whole inspection as text for people or as JSON. `every_block`: errors by block, not only by
/// group (the JSON always has both).
std::string inspection_text(const model::ModelBundle& bundle,
                            const std::vector<MatrixReport>& reports, bool every_block);
nlohmann::ordered_json inspection_json(const model::ModelBundle& bundle,
                                       const std::vector<MatrixReport>& reports);

}  // namespace hippocrypt::cli
