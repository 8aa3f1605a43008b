#pragma once
// A tiny federation as a user has it: a folder with a model, notes and a TOML, and the built
// program run in it. The program is a child process, so that a crash is seen as the signal that it
// was.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::cli {

struct Outcome {
  int exit_code = -1;
  int signal = 0;  ///< what killed it; SIGALRM: it took more than a minute
  std::string out;
  std::string err;
};

bool contains(const std::string& text, const std::string& part);
std::string read_bytes(const std::filesystem::path& path);
void write_bytes(const std::filesystem::path& path, const std::string& bytes);
/// How many lines of `text` hold every one of `parts`.
std::size_t lines_with(const std::string& text, const std::vector<std::string>& parts);

/// A child that runs the program in `folder`. Standard output goes to out.txt there.
class Child {
 public:
  Child(const std::filesystem::path& folder, const std::vector<std::string>& arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Reads standard error until a line holds `part`; false when it ends before.
  bool wait_for_line(const std::string& part);
  /// False when it ends before it catches Ctrl-C.
  bool wait_for_interrupt_handler() const;
  void interrupt() const;
  /// kill -9 of the child and its group.
  void kill() const;
  /// Reads standard error to its end and waits.
  Outcome wait();
  /// Whether any process of the child's group is left.
  bool group_is_gone() const;

 private:
  bool read_more();

  std::filesystem::path folder_;
  pid_t pid_ = -1;
  int err_pipe_ = -1;
  bool waited_ = false;
  std::string err_;
};

class SimulateProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    // Accounts of patients stay in the test's folder.
    ::setenv("HIPPOCRYPT_HOME", home().c_str(), 1);
    write_config();
  }

  static std::string unique_name() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    return std::string{info->name()} + "_" + std::to_string(::getpid());
  }

  /// federation.toml from tiny_.config, with `more` at the end.
  void write_config(const std::string& more = {}) const;
  /// Runs the program in the folder.
  Outcome run(const std::vector<std::string>& arguments) const;
  /// simulate federation.toml --runs out, and `more`.
  Outcome simulate(const std::vector<std::string>& more = {}) const;
  /// simulate() with the fast oracle.
  Outcome simulate_plain(std::vector<std::string> more = {}) const;

  /// Expects a clean refusal: this exit code, nothing on standard output and, as the last line on
  /// standard error, the only "error: " line with all of `parts`.
  static void expect_refused(const Outcome& outcome, int exit_code,
                             const std::vector<std::string>& parts);
  /// Expects a refusal by simulate() before any work: exit code 2 and no run folder.
  void expect_config_error(const std::vector<std::string>& more,
                           const std::vector<std::string>& parts) const;

  std::filesystem::path folder() const { return tiny_.folder(); }
  /// The ledger home.
  std::filesystem::path home() const { return folder() / "home"; }
  std::filesystem::path notes_of(std::size_t hospital) const {
    return tiny_.config.hospitals[hospital].notes;
  }
  /// The one run in out/.
  std::filesystem::path run_folder() const { return folder() / "out" / "tiny"; }

  test_support::TinyFederation tiny_{unique_name()};
};

}  // namespace hippocrypt::cli
