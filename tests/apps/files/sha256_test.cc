#include "apps/files/sha256.h"

#include <string>

#include <gtest/gtest.h>

#include "apps/files/atomic_write.h"
#include "tests/apps/files/fields_for_tests.h"

namespace fleet::files {
namespace {

// FIPS 180-4's examples.
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kMillionA =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256Test, PublishedDigestsAreMet) {
  EXPECT_EQ(sha256("abc"), kAbc);
  EXPECT_EQ(sha256(""), kEmpty);
  Sha256 hash;
  for (int piece = 0; piece < 1000; ++piece) {
    hash.update(std::string(1000, 'a'));
  }
  EXPECT_EQ(hash.hex(), kMillionA);
}

TEST(Sha256Test, AFileHashesLikeItsBytes) {
  const TemporaryFolder folder;
  const std::string text(3'000'001, 'x');
  atomic_write(folder / "a", text);
  EXPECT_EQ(sha256_of_file(folder / "a"), sha256(text));
  atomic_write(folder / "b", "");
  EXPECT_EQ(sha256_of_file(folder / "b"), kEmpty);
}

TEST(Sha256Test, FieldsHashByContentNotByStride) {
  GoldenState state;
  const std::string hash = sha256_of_fields(state.fields());
  float together[2][3] = {{-1.0F, -0.5F, 0.0F}, {0.5F, 1.0F, 1.5F}};
  Fields fields = state.fields();
  fields[0] = make_field("actor/weight", {2, 3}, &together[0][0]);
  EXPECT_EQ(sha256_of_fields(fields), hash);
  state.weight[0][4] = 7.0F;  // padding between rows
  EXPECT_EQ(sha256_of_fields(state.fields()), hash);
}

TEST(Sha256Test, EveryPartOfAFieldCounts) {
  GoldenState state;
  const std::string hash = sha256_of_fields(state.fields());
  const auto changed = [&](auto&& change) {
    Fields fields = state.fields();
    change(fields);
    return sha256_of_fields(fields);
  };
  EXPECT_NE(changed([](Fields& fields) { fields[1].name = "qvel"; }), hash);
  EXPECT_NE(changed([](Fields& fields) { fields[1].dtype = DType::kU64; }), hash);
  EXPECT_NE(changed([](Fields& fields) { fields[1].shape = {1, 2}; }), hash);
  EXPECT_NE(changed([](Fields& fields) { std::swap(fields[1], fields[2]); }), hash);
  EXPECT_NE(changed([](Fields& fields) { fields.pop_back(); }), hash);
  state.weight[1][2] = 1.75F;
  EXPECT_NE(sha256_of_fields(state.fields()), hash);
}

}  // namespace
}  // namespace fleet::files
