#include "tests/cli/simulate_fixture.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

namespace hippocrypt::cli {
namespace {

constexpr unsigned longest_run_s = 60;

// In the child between fork and exec: only calls that are allowed there.
[[noreturn]] void become_program(const char* folder, int err_pipe, std::vector<char*>& arguments) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::alarm(longest_run_s);  // survives exec
  const int out =
      ::chdir(folder) == 0 ? ::open("out.txt", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
  const bool ready =
      out >= 0 && ::dup2(out, STDOUT_FILENO) >= 0 && ::dup2(err_pipe, STDERR_FILENO) >= 0;
  if (ready) ::execv(HIPPOCRYPT_PROGRAM, arguments.data());
  ::_exit(127);
}

}  // namespace

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string read_bytes(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream{path, std::ios::binary}.rdbuf();
  return text.str();
}

void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream file{path, std::ios::binary};
  file << bytes;
  ASSERT_TRUE(file.flush().good()) << path;
}

std::size_t lines_with(const std::string& text, const std::vector<std::string>& parts) {
  std::istringstream lines{text};
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto in_line = [&line](const std::string& part) { return contains(line, part); };
    if (std::all_of(parts.begin(), parts.end(), in_line)) ++count;
  }
  return count;
}

Child::Child(const std::filesystem::path& folder, const std::vector<std::string>& arguments)
    : folder_{folder} {
  std::vector<std::string> words{"hippocrypt"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) ADD_FAILURE() << "no pipe";
  pid_ = ::fork();
  if (pid_ == 0) become_program(folder_.c_str(), ends[1], pointers);
  ::close(ends[1]);
  err_pipe_ = ends[0];
  EXPECT_GT(pid_, 0);
}

Child::~Child() {
  if (pid_ > 0 && !waited_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(err_pipe_);
}

bool Child::read_more() {
  std::array<char, 4096> buffer{};
  ssize_t size = 0;
  do {
    size = ::read(err_pipe_, buffer.data(), buffer.size());
  } while (size < 0 && errno == EINTR);
  if (size <= 0) return false;
  err_.append(buffer.data(), static_cast<std::size_t>(size));
  return true;
}

bool Child::wait_for_line(const std::string& part) {
  while (true) {
    const std::size_t whole = err_.rfind('\n');
    if (whole != std::string::npos && contains(err_.substr(0, whole), part)) return true;
    if (!read_more()) return false;
  }
}

bool Child::wait_for_interrupt_handler() const {
  const std::string path = "/proc/" + std::to_string(pid_) + "/status";
  while (true) {
    const std::string status = read_bytes(path);
    const std::size_t caught = status.find("SigCgt:");
    if (caught == std::string::npos || contains(status, "State:\tZ")) return false;
    const auto signals = std::stoull(status.substr(caught + 7), nullptr, 16);
    if ((signals >> (SIGINT - 1) & 1U) != 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

void Child::interrupt() const { EXPECT_EQ(::kill(pid_, SIGINT), 0); }

void Child::kill() const { EXPECT_EQ(::kill(-pid_, SIGKILL), 0); }

Outcome Child::wait() {
  while (read_more()) {
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
  waited_ = true;
  Outcome outcome;
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  outcome.out = read_bytes(folder_ / "out.txt");
  outcome.err = err_;
  return outcome;
}

bool Child::group_is_gone() const { return ::kill(-pid_, 0) != 0 && errno == ESRCH; }

void SimulateProgramTest::write_config(const std::string& more) const {
  const auto& config = tiny_.config;
  std::string text = fmt::format(
      "[run]\nname = \"{}\"\nseed = {}\nrounds = {}\nsteps_per_round = {}\n\n"
      "[model]\npath = \"model\"\n\n[adapter]\nrank = {}\n\n",
      config.run.name, config.run.seed, config.run.rounds, config.run.steps_per_round,
      config.adapter.rank);
  text += fmt::format("[training]\nmax_note_tokens = {}\nmax_patient_tokens = {}\n\n",
                      config.training.max_note_tokens, config.training.max_patient_tokens);
  text += fmt::format(
      "[privacy]\nnoise_multiplier = {}\nsampling_rate = {}\nexpected_lot = {}\ndelta = {}\n"
      "budget = 1000.0\nledger = \"run\"\n\n",
      config.privacy.noise_multiplier, config.privacy.sampling_rate, config.privacy.expected_lot,
      config.privacy.delta);
  text += fmt::format(
      "[encryption]\noracle = \"encrypted\"\nparams = \"{}\"\ntile_tokens = {}\n"
      "train_tiles = {}\neval_tiles = {}\n\n[server]\nthreads = 1\n",
      config.encryption.params, config.encryption.tile_tokens, config.encryption.train_tiles,
      config.encryption.eval_tiles);
  for (const auto& hospital : config.hospitals) {
    text += fmt::format("\n[[hospital]]\nname = \"{}\"\nnotes = \"{}\"\n", hospital.name,
                        hospital.notes.filename().string());
  }
  text += "\n[federation]\nheartbeat_s = 0.2  # that a void round waits before it is tried again\n";
  // Three hospitals of which one fails are too few for a sum.
  text += fmt::format("\n[secagg]\nenabled = {}\n", config.secagg.enabled);
  write_bytes(folder() / "federation.toml", text + more);
}

Outcome SimulateProgramTest::run(const std::vector<std::string>& arguments) const {
  return Child{folder(), arguments}.wait();
}

Outcome SimulateProgramTest::simulate(const std::vector<std::string>& more) const {
  std::vector<std::string> arguments{"simulate", "federation.toml", "--runs", "out"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(arguments);
}

Outcome SimulateProgramTest::simulate_plain(std::vector<std::string> more) const {
  more.insert(more.end(), {"--oracle", "plain-int8"});
  return simulate(more);
}

void SimulateProgramTest::expect_refused(const Outcome& outcome, int exit_code,
                                         const std::vector<std::string>& parts) {
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(lines_with(outcome.err, {"error: "}), 1U) << outcome.err;
  const std::size_t begin = outcome.err.find("error: ");
  ASSERT_NE(begin, std::string::npos) << outcome.err;
  EXPECT_TRUE(begin == 0 || outcome.err[begin - 1] == '\n') << outcome.err;
  const std::string line = outcome.err.substr(begin);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
  for (const std::string& part : parts) EXPECT_TRUE(contains(line, part)) << part << "\n" << line;
}

void SimulateProgramTest::expect_config_error(const std::vector<std::string>& more,
                                              const std::vector<std::string>& parts) const {
  const Outcome outcome = simulate(more);
  expect_refused(outcome, 2, parts);
  EXPECT_EQ(outcome.err.rfind("error: ", 0), 0U) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(folder() / "out"));
}

}  // namespace hippocrypt::cli
