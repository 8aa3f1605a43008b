#include "cli/commands/model_inspect.hpp"

#include <algorithm>
#include <cmath>

namespace hippocrypt::cli {

Result<std::vector<MatrixReport>> report_matrices(const model::Model& model) {
  std::vector<MatrixReport> out;
  for (std::size_t block = 0; block < model.config->blocks; ++block) {
    for (std::size_t g = 0; g < model::linear_group_count; ++g) {
      const model::LinearSite site{static_cast<std::uint32_t>(block),
                                   static_cast<model::LinearGroup>(g)};
      const ConstMatrixView weights = model.base.at(site).view();
      HIPPOCRYPT_TRY(const auto error, model::quantization_error(weights));
      out.push_back({site, weights.rows(), weights.cols(), error,
                     model::outlier_channels(model::column_maxima(weights))});
    }
  }
  return out;
}

ErrorSummary summarise(const std::vector<MatrixReport>& reports) {
  HIPPOCRYPT_CHECK(!reports.empty());
  ErrorSummary out;
  out.worst_row = out.worst_matrix = reports.front();
  double squared_error = 0.0, squared_norm = 0.0;
  for (const MatrixReport& report : reports) {
    squared_error += report.error.squared_error;
    squared_norm += report.error.squared_norm;
    out.max_abs = std::max(out.max_abs, report.error.max_abs);
    if (report.error.worst_row > out.worst_row.error.worst_row) out.worst_row = report;
    if (report.error.relative_frobenius > out.worst_matrix.error.relative_frobenius) {
      out.worst_matrix = report;
    }
    out.outlier_channels += report.outliers.count;
  }
  if (squared_norm > 0.0) out.relative_frobenius = std::sqrt(squared_error / squared_norm);
  return out;
}

}  // namespace hippocrypt::cli
