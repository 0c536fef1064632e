#include "apps/files/npy.h"

#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apps/files/read_file.h"
#include "apps/files/sha256.h"
#include "tests/apps/files/fields_for_tests.h"

namespace fleet::files {
namespace {

using Shape = std::vector<std::int64_t>;

const std::vector<float> kWeight = {-1.0F, -0.5F, 0.0F, 0.5F, 1.0F, 1.5F};

/// Returns the hash of arrays in the order of the golden state's fields.
std::string hash_of(std::map<std::string, Array>& arrays) {
  GoldenState state;
  Fields fields;
  for (const Field& field : state.fields()) {
    fields.push_back(arrays.at(field.name).field(field.name));
  }
  return sha256_of_fields(fields);
}

std::string golden_hash() {
  GoldenState state;
  return sha256_of_fields(state.fields());
}

TEST(NpyTest, WhatNumPyWroteIsRead) {
  for (const char* name : {"python.npy", "python_v2.npy"}) {
    const Array array = load_npy(golden(name));
    EXPECT_EQ(array.dtype, DType::kF32);
    EXPECT_EQ(array.shape, (Shape{2, 3}));
    EXPECT_EQ(array.values<float>(), kWeight);
    EXPECT_EQ(array.values<double>()[1], -0.5);
  }
  const Array scalar = load_npy(golden("python_scalar.npy"));
  EXPECT_EQ(scalar.shape, Shape{});
  EXPECT_EQ(scalar.values<std::int64_t>(),
            std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min()});
}

TEST(NpyTest, FortranOrderAndObjectsAreRefused) {
  EXPECT_EQ(file_error_of([] { load_npy(golden("python_fortran.npy")); }),
            golden("python_fortran.npy") +
                ": fortran_order: is True; expected C order (numpy.ascontiguousarray)");
  EXPECT_EQ(file_error_of([] { load_npy(golden("python_objects.npy")); }),
            golden("python_objects.npy") +
                ": descr: is '|O'; expected <f4, <f8, <i4, <i8, |u1, |b1 or <u8");
}

// golden.py checks golden/ours* with NumPy. Deflated bytes depend on zlib's version, stored do not.
TEST(NpyTest, OurBytesAreThoseThatNumPyReads) {
  const TemporaryFolder folder;
  GoldenState state;
  save_npy(folder / "a.npy", state.fields()[0]);
  EXPECT_EQ(read_file(folder / "a.npy", 10000), read_file(golden("ours.npy"), 10000));
  save_npz(folder / "a.npz", state.fields(), NpzCompression::kStored);
  EXPECT_EQ(read_file(folder / "a.npz", 10000), read_file(golden("ours_stored.npz"), 10000));
  std::map<std::string, Array> arrays = load_npz(golden("ours_deflated.npz"));
  EXPECT_EQ(hash_of(arrays), golden_hash());
}

TEST(NpzTest, WhatNumPyWroteIsRead) {
  for (const char* name : {"python_stored.npz", "python_deflated.npz"}) {
    std::map<std::string, Array> arrays = load_npz(golden(name));
    EXPECT_EQ(arrays.size(), 8U);
    EXPECT_EQ(hash_of(arrays), golden_hash()) << name;
  }
  EXPECT_EQ(load_npz(golden("python_stored.npz")).at("flags").values<int>(),
            (std::vector<int>{1, 0}));
  EXPECT_EQ(load_npz(golden("python_deflated.npz")).at("zeros").shape, (Shape{50, 20}));
}

TEST(NpzTest, AnArchiveReadsBack) {
  const TemporaryFolder folder;
  GoldenState state;
  std::vector<double> zeros(200'000, 0.25);
  for (const auto compression : {NpzCompression::kStored, NpzCompression::kDeflated}) {
    Fields fields = state.fields();
    fields.push_back(make_field("zeros", {400, 500}, zeros.data()));
    save_npz(folder / "a.npz", fields, compression);
    std::map<std::string, Array> arrays = load_npz(folder / "a.npz");
    EXPECT_EQ(hash_of(arrays), golden_hash());
    EXPECT_EQ(arrays.at("zeros").values<double>(), zeros);
  }
  EXPECT_LT(std::filesystem::file_size(folder / "a.npz"), 20'000U);
  save_npz(folder / "none.npz", {});
  EXPECT_TRUE(load_npz(folder / "none.npz").empty());
}

TEST(NpzTest, EveryFlippedBitOfTheValuesIsFound) {
  const TemporaryFolder folder;
  GoldenState state;
  save_npz(folder / "a.npz", {state.fields()[0]}, NpzCompression::kStored);
  const std::string bytes = read_file(folder / "a.npz", 10000);
  const std::size_t values = 30 + std::strlen("actor/weight.npy");
  const std::size_t end = bytes.find("PK\x01\x02");
  for (std::size_t byte = values; byte < end; ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << bit));
      EXPECT_THROW(parse_npz(flipped, "a.npz"), FileError) << byte << "." << bit;
    }
  }
}

}  // namespace
}  // namespace fleet::files
