#include "cli/support/output.hpp"

#include <ostream>

namespace hippocrypt::cli {
namespace {

constexpr int indent = 2;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

ExitCode report_error(std::ostream& err, const Error& error) {
  std::string line = error.detail.empty() ? std::string{to_string(error.code)} : error.detail;
  for (char& c : line)
    if (is_control(c)) c = c == '\n' ? ' ' : '?';
  err << "error: " << line << '\n' << std::flush;
  return exit_code(error.code);
}

void print_json(std::ostream& out, const nlohmann::ordered_json& value) {
  out << value.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

}  // namespace hippocrypt::cli
