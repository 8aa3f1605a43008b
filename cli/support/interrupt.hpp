#pragma once
// Ctrl-C that ends cleanly: the first sets a flag that long work looks at, the second kills.

#include <atomic>

namespace hippocrypt::cli {

/// Handles SIGINT and SIGTERM from now on and returns the flag that the first of them sets. Work
/// then stops at the next safe point; a second signal ends the process at once.
const std::atomic<bool>& install_interrupt_handler();

/// The flag, whether or not the handler is installed.
const std::atomic<bool>& interrupt_flag();

/// Handles SIGHUP from now on and returns the flag that each of them sets; whoever reads the files
/// again clears it.
std::atomic<bool>& install_reload_handler();

}  // namespace hippocrypt::cli
