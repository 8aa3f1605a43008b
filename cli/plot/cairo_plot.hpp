#pragma once
// The plot as a picture, drawn by Cairo.

#include <filesystem>

#include "base/result.hpp"
#include "cli/plot/epsilon_plot.hpp"

namespace hippocrypt::cli {

/// Writes 1600 x 900 pixels. Errors: io (the file cannot be written, named with the cause).
Status write_png(const EpsilonPlot& plot, const std::filesystem::path& file);
/// The same as scalable graphics. Errors: io.
Status write_svg(const EpsilonPlot& plot, const std::filesystem::path& file);

}  // namespace hippocrypt::cli
