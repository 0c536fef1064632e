#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apps/files/file_error.h"
#include "apps/files/manifest.h"
#include "apps/files/npy.h"
#include "apps/files/read_file.h"
#include "apps/files/safetensors.h"
#include "tests/apps/files/fields_for_tests.h"
#include "tests/apps/hostile/damaged_npz.h"
#include "tests/apps/hostile/hostile_case.h"

namespace fleet::files {
namespace {

/// Returns a safetensors file of this header, followed by `num_bytes` of data.
std::string safetensors(const std::string& header, std::size_t num_bytes = 0) {
  return bytes_of<std::uint64_t>(header.size()) + header + std::string(num_bytes, '\0');
}

/// Returns a file with one tensor "t", described by this text, and 8 bytes of data.
std::string tensor(const std::string& description) {
  return safetensors("{\"t\": " + description + "}", 8);
}

std::string f32(const std::string& shape, const std::string& range) {
  return R"({"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + range + "}";
}

TEST(HostileSafetensorsTest, EachIsRefusedInOneLine) {
  const std::string two = f32("[2]", "[0,8]");
  require_refused<FileError>(
      {
          {"", "has 0 bytes"},
          {"1234567", "has 7 bytes"},
          {bytes_of<std::uint64_t>(0), "expected a JSON object"},
          {bytes_of<std::uint64_t>(100'000'001), "at most 100000000 are accepted"},
          {bytes_of<std::uint64_t>(~std::uint64_t{0}), "at most 100000000 are accepted"},
          {bytes_of<std::uint64_t>(3) + "{}", "only 2 follow"},
          {safetensors("[]"), "expected a JSON object"},
          {safetensors(" {}"), "expected a JSON object"},
          {safetensors("{"), "is no JSON"},
          {safetensors("{}}"), "is no JSON"},
          {safetensors("{\"a\\u0000\n\":1}"), "is no JSON"},
          {safetensors("{\"\xff\": 1}"), "is no JSON"},
          {safetensors("{\"a\":" + repeated("[", 100'000)), "nested deeper than 16 levels"},
          {safetensors("{\"t\": " + two + ", \"t\": " + two + "}", 8), "is given twice"},
          {safetensors(R"({"__metadata__": {"a": "b", "a": "c"}})"), "is given twice"},
          {safetensors(R"({"__metadata__": {"a": 1}})"), "expected a text"},
          {safetensors(R"({"__metadata__": []})"), "expected an object of texts"},
          {safetensors("{}", 1), "describes 0"},
          {tensor("1"), "expected exactly dtype, shape and data_offsets"},
          {tensor("{}"), "expected exactly dtype, shape and data_offsets"},
          {tensor(R"({"dtype":"F32","shape":[2],"offsets":[0,8]})"), "is missing"},
          {tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"file":"/etc/passwd"})"),
           "expected exactly dtype"},
          {tensor(R"({"dtype":"BF16","shape":[4],"data_offsets":[0,8]})"), "dtype 'BF16'"},
          {tensor(R"({"dtype":7,"shape":[2],"data_offsets":[0,8]})"), "expected a text"},
          {tensor(f32("2", "[0,8]")), "expected a shape"},
          {tensor(f32("[-2]", "[0,8]")), "is no count"},
          {tensor(f32("[2.0]", "[0,8]")), "is no count"},
          {tensor(f32("[\"2\"]", "[0,8]")), "is no count"},
          {tensor(f32("[9223372036854775808]", "[0,8]")), "is no count"},
          {tensor(f32("[99999999999999999999999]", "[0,8]")), "is no count"},
          {tensor(f32("[4294967296, 4294967296]", "[0,8]")), "more elements than memory"},
          {tensor(f32("[3037000500, 3037000500]", "[0,8]")), "more elements than memory"},
          {tensor(f32("[" + repeated("1,", 32) + "1]", "[0,4]")), "at most 32 sizes"},
          {tensor(f32("[3]", "[0,8]")), "has 8 bytes; F32 of shape [3] has 12"},
          {tensor(f32("[0]", "[0,8]")), "has 8 bytes; F32 of shape [0] has 0"},
          {tensor(f32("[2]", "[8,0]")), "expected data_offsets [begin, end]"},
          {tensor(f32("[2]", "[0,8,8]")), "expected data_offsets [begin, end]"},
          {tensor(f32("[2]", "[-8,0]")), "expected data_offsets [begin, end]"},
          {tensor(f32("[2]", "[1,9]")), "expected 0, where the one before it ends"},
          {tensor(f32("[2]", "[18446744073709551608,18446744073709551616]")),
           "expected data_offsets [begin, end]"},
          {tensor(f32("[1]", "[0,4]")), "holds 8 bytes of data; its header describes 4"},
          {tensor(f32("[4]", "[0,16]")), "holds 8 bytes of data; its header describes 16"},
          {safetensors("{\"a\": " + two + ", \"b\": " + two + "}", 8), "where the one before it"},
          {safetensors("{\"a\": " + two + ", \"b\": " + f32("[1]", "[4,8]") + "}", 8),
           "where the one before it"},
          {safetensors("{\"a\": " + two + ", \"b\": " + f32("[1]", "[12,16]") + "}", 16),
           "where the one before it"},
      },
      [](const std::string& bytes, const std::string& file) {
        parse_safetensors_header(bytes, bytes.size(), file);
      });
}

/// Returns a sound manifest with one piece of text replaced.
std::string manifest(const std::string& from = "", const std::string& to = "") {
  std::string text = manifest_text({.iteration = 3,
                                    .env_steps = 5,
                                    .task = "walk",
                                    .agent = "ppo",
                                    .seed = 1,
                                    .git_revision = "abc",
                                    .config_hash = "def",
                                    .versions = {{"mujoco", "4.0.1"}},
                                    .score = 1.5},
                                   {.num_bytes = 8, .sha256 = std::string(64, '0')});
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return from.empty() ? text : text.replace(at, from.size(), to);
}

TEST(HostileManifestTest, EachIsRefusedInOneLine) {
  EXPECT_NO_THROW(parse_manifest(manifest(), "sound"));
  const std::string edited = "the manifest is damaged or was edited";
  require_refused<FileError>(
      {
          {"", "is no JSON"},
          {"{", "is no JSON"},
          {"\xff\xfe{}", "is no JSON"},
          {"[]", "expected a JSON object, found array"},
          {"null", "expected a JSON object, found null"},
          {"{}", "key 'schema_version': is missing"},
          {R"({"schema_version": "1"})", "expected a whole number, found string"},
          {R"({"schema_version": 1.0})", "expected a whole number, found number"},
          {R"({"schema_version": 18446744073709551615})", "expected a whole number"},
          {R"({"schema_version": 2})", "is 2; this program reads 1"},
          {R"({"schema_version": -1})", "is -1; this program reads 1"},
          {R"({"schema_version": 1})", "key 'manifest_sha256': is missing"},
          {R"({"schema_version": 1, "manifest_sha256": 5})", "expected a text, found number"},
          {R"({"schema_version": 1, "schema_version": 1})", "is given twice"},
          {repeated("[", 1'000'000), "nested deeper than 16 levels"},
          {repeated("{\"a\":", 100), "nested deeper than 16 levels"},
          {manifest("\"seed\": 1", "\"seed\": 2"), edited},
          {manifest("\"iteration\": 3", "\"iteration\": 4"), edited},
          {manifest("\"iteration\"", "\"iteration \""), edited},
          {manifest("4.0.1", "4.0.0"), edited},
          {manifest("\"bytes\": 8", "\"bytes\": 9"), edited},
          {manifest(": 1.5", ": 1.50"), edited},
          {manifest("\n}", "\n }"), edited},
          {manifest() + "\n", edited},
          {manifest().substr(0, manifest().size() - 1), edited},
          {manifest() + "{}", "is no JSON"},
      },
      [](const std::string& bytes, const std::string& file) { parse_manifest(bytes, file); });
}

TEST(HostileNpyTest, EachIsRefusedInOneLine) {
  const std::string sound = described("<f4", "(2,)");
  EXPECT_NO_THROW(parse_npy(npy(sound), "sound"));
  require_refused<FileError>(
      {
          {"", "is no .npy array"},
          {std::string("\x93NUMPY\x01\x00", 8), "is no .npy array"},
          {"\x94NUMPY" + npy(sound).substr(6), "is no .npy array"},
          {std::string("\x93NUMPY\x03\x00", 8) + npy(sound).substr(8), "version 3"},
          {std::string("\x93NUMPY\x02\x00", 8) + "\xff\xff\xff\xff....", "only 4 follow"},
          {std::string("\x93NUMPY\x02\x00", 8) + "\xff\xff", "version 2"},
          {std::string("\x93NUMPY\x01\x00\xff\x00{", 11), "only 1 follow"},
          {npy(""), "expected '{'"},
          {npy("{"), "expected a text in quotes"},
          {npy("{}"), "expected exactly descr, fortran_order and shape"},
          {npy(sound + "x"), "expected exactly descr"},
          {npy("{'descr': '<f4', 'descr': '<f4'}"), "given twice"},
          {npy("{'descr: 1}"), "without its closing quote"},
          {npy("{'descr': [('a', '<f4')], }"), "arrays with named columns are not read"},
          {npy("{'evil': __import__('os')}"), "key 'evil' unknown"},
          {npy("{'descr' '<f4'}"), "expected ':'"},
          {npy("{'descr': '<f4' 'shape'}"), "expected ',' or '}'"},
          {npy("{'descr': '<f4', 'fortran_order': Maybe}"), "expected True or False"},
          {npy(described(">f4", "(2,)")), "is '>f4'; expected"},
          {npy(described("|O", "(2,)")), "is '|O'; expected"},
          {npy(described("<f2", "(4,)")), "is '<f2'; expected"},
          {npy(described("<c8", "(1,)")), "is '<c8'; expected"},
          {npy(described("<f4", "(-2,)")), "counts as the shape"},
          {npy(described("<f4", "(2.0,)")), "expected ',' or ')'"},
          {npy(described("<f4", "(2L,)")), "expected ',' or ')'"},
          {npy(described("<f4", "(99999999999999999999,)")), "counts as the shape"},
          {npy(described("<f4", "(4294967296, 4294967296)")), "more elements than memory"},
          {npy(described("<f4", "(" + repeated("1,", 33) + ")")), "at most 32 counts"},
          {npy(described("<f4", "(2")), "counts as the shape"},
          {npy(described("<f4", "(3,)")), "its shape needs 12"},
          {npy(described("<f4", "()")), "its shape needs 4"},
          {npy(described("<f8", "(0,)")), "its shape needs 0"},
          {npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }"), "expected C order"},
      },
      [](const std::string& bytes, const std::string& file) { parse_npy(bytes, file); });
}

TEST(HostileNpzTest, EachIsRefusedInOneLine) {
  float values[2] = {1.0F, 2.0F};
  const Archive archive(make_field("a", {2}, values));
  using U16 = std::uint16_t;
  using U32 = std::uint32_t;
  require_refused<FileError>(
      {
          {"", "is no .npz archive"},
          {"PK\x05\x06", "is no .npz archive"},
          {archive.bytes().substr(0, archive.bytes().size() - 1), "is no .npz archive"},
          {archive.bytes() + " ", "is no .npz archive"},
          {archive.bytes().substr(1), "contradicts the file"},
          {archive.end(4, U16{1}), "contradicts the file"},
          {archive.end(8, U16{2}), "contradicts the file"},
          {archive.end(10, U16{0xffff}), "is a zip64 archive"},
          {archive.end(12, U32{0}), "contradicts the file"},
          {archive.end(16, U32{0xffffffff}), "is a zip64 archive"},
          {archive.end(16, U32{0xfffffffe}), "contradicts the file"},
          {archive.central(0, U32{0}), "expected an entry of the zip directory"},
          {archive.central(8, U16{1}), "is encrypted"},
          {archive.central(10, U16{12}), "has zip method 12"},
          {archive.central(10, U16{8}), "expected the data of"},
          {archive.central(16, U32{0}), "is damaged"},
          {archive.central(20, U32{0xffffffff}), "has zip64 sizes"},
          {archive.central(24, U32{0xffffffff}), "has zip64 sizes"},
          {archive.central(24, U32{0xfffffffe}), "claims 4294967294 bytes"},
          {archive.central(24, U32{1}), "claims 1 bytes"},
          {archive.central(28, U16{0xffff}), "the archive ends within a record"},
          {archive.central(28, U16{2}), "is no .npy array"},
          {archive.central(30, U16{1}), "directory is longer than its entries"},
          {archive.central(42, U32{0xfffffffe}), "the archive ends within a record"},
          {archive.central(42, U32{1}), "expected the data of"},
          {archive.local(0, U32{0}), "expected the data of"},
          {archive.local(8, U16{8}), "expected the data of"},
          {archive.local(26, U16{4}), "expected the data of"},
          {archive.local(28, U16{0xffff}), "the archive ends within a record"},
          {archive.local(28, U16{1}), "is damaged"},
          {archive.local(100, U32{7}), "is damaged"},
          {archive.with_entry_twice(), "given twice"},
      },
      [](const std::string& bytes, const std::string& file) { parse_npz(bytes, file); });
}

TEST(HostileNpzTest, ABombIsRefusedBeforeItIsInflated) {
  const TemporaryFolder folder;
  std::vector<double> zeros(1 << 20);
  save_npz(folder / "a.npz", {make_field("a", {1 << 20}, zeros.data())});
  std::string bytes = read_file(folder / "a.npz", 1 << 20);
  const std::size_t central = bytes.find("PK\x01\x02");
  bytes.replace(central + 24, 4, bytes_of<std::uint32_t>(0xf0000000));
  EXPECT_NE(file_error_of([&] { parse_npz(bytes, "bomb"); }).find("claims 4026531840 bytes"),
            std::string::npos);
}

}  // namespace
}  // namespace fleet::files
