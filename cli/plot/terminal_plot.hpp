#pragma once
// The plot as characters.

#include <cstddef>
#include <string>

#include "cli/plot/epsilon_plot.hpp"

namespace hippocrypt::cli {

struct TerminalPlotOptions {
  std::size_t columns = 80;  ///< no line is longer; at least 40 are used
  std::size_t rows = 14;     ///< of the plot itself
  bool unicode = true;       ///< box drawing, otherwise ASCII
};

/// Curves are letters, '*' where several meet; budgets are dashed lines, runs begin at vertical
/// ones. Below: the legend and the caption. Ends with a newline.
std::string terminal_plot(const EpsilonPlot& plot, const TerminalPlotOptions& options);

/// Whether the environment's locale (LC_ALL, LC_CTYPE, LANG) is one of UTF-8.
bool is_locale_unicode();

}  // namespace hippocrypt::cli
