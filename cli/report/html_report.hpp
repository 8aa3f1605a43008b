#pragma once
// A run as one HTML page that needs nothing else.

#include <string>

#include "cli/report/report_data.hpp"

namespace hippocrypt::cli {

/// Well-formed as XML, too. Refers to nothing outside itself; every text is escaped.
std::string html_report(const ReportData& data);

}  // namespace hippocrypt::cli
