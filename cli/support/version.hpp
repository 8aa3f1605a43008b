#pragma once
// What --version says: for bug reports and for the records of a run.

#include <string>

namespace hippocrypt::cli {

/// "hippocrypt 0.1.0 (commit 1a2b3c4)" and a line with the processor and the kernels in use.
std::string version_text();

}  // namespace hippocrypt::cli
