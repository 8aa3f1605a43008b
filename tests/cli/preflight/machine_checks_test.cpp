#include "cli/preflight/machine_checks.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::cli {
namespace {

bool contains(const Check& check, const std::string& part) {
  return check.text.find(part) != std::string::npos;
}

TEST(MachineChecksTest, LooksForRoomOnTheDiskWhereTheFolderWillBe) {
  const test_support::TemporaryFolder folder;
  const Check room = check_disk(folder.path() / "not" / "yet", 1'000'000, "hints and state");
  EXPECT_EQ(room.state, CheckState::passed) << room.text;
  EXPECT_TRUE(contains(room, "free at " + folder.path().string() + ", 1.00 MB needed for hints"))
      << room.text;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "not"));
  const Check none = check_disk(folder.path(), std::uint64_t{1} << 62, "hints");
  EXPECT_EQ(none.state, CheckState::failed);
  EXPECT_TRUE(contains(none, "larger disk")) << none.text;
}

TEST(MachineChecksTest, SaysThatAFolderCannotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const test_support::TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0500});
  const Check check = check_disk(folder.path(), 0, "state");
  EXPECT_EQ(check.state, CheckState::failed);
  EXPECT_TRUE(contains(check, "cannot be written")) << check.text;
}

TEST(MachineChecksTest, ComparesMemory) {
  EXPECT_EQ(check_memory(100, 100).state, CheckState::passed);
  const Check less = check_memory(2'000'000'000, 1'000'000'000);
  EXPECT_EQ(less.state, CheckState::failed);
  EXPECT_TRUE(contains(less, "1.00 GB available, 2.00 GB foreseen")) << less.text;
  EXPECT_EQ(check_memory(1, std::nullopt).state, CheckState::skipped);
  EXPECT_GT(available_memory().value(), 1'000'000U);
}

TEST(MachineChecksTest, FindsAFreePortFreeAndATakenOneTaken) {
  EXPECT_EQ(check_own_port("127.0.0.1", 0).state, CheckState::passed);
  const Descriptor socket{::socket(AF_INET, SOCK_STREAM, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  ASSERT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const Check taken = check_own_port("127.0.0.1", ntohs(address.sin_port));
  EXPECT_EQ(taken.state, CheckState::failed);
  EXPECT_TRUE(contains(taken, "another program listens there")) << taken.text;
}

TEST(MachineChecksTest, NamesABadAddress) {
  EXPECT_TRUE(contains(check_own_port("hub", 7000), "no address"));
  const Check foreign = check_own_port("192.0.2.1", 7000);  // for documentation, nobody's
  EXPECT_EQ(foreign.state, CheckState::failed);
  EXPECT_TRUE(contains(foreign, "correct listen.address")) << foreign.text;
}

}  // namespace
}  // namespace hippocrypt::cli
