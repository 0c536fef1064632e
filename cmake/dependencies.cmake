# What Fleet is linked to. Imported targets are system libraries: their headers give no warnings.

set(third_party ${PROJECT_SOURCE_DIR}/third_party)
if(NOT EXISTS ${third_party}/mujoco)
  message(FATAL_ERROR "third_party/ is empty: run ./fleet test once, it fetches what cmake/pins.txt lists")
endif()

# The MuJoCo wheel has no libmujoco.so without a version in its name, so the file is found by pattern.
file(GLOB mujoco_library ${third_party}/mujoco/mujoco/libmujoco.so.*)
add_library(mujoco::mujoco SHARED IMPORTED)
set_target_properties(
  mujoco::mujoco
  PROPERTIES
    IMPORTED_LOCATION ${mujoco_library}
    INTERFACE_INCLUDE_DIRECTORIES ${third_party}/mujoco/mujoco/include
)

# LibTorch, an oracle of the tests: only ./fleet test fetches it. It runs without a GPU when libtorch_cuda.so is not linked.
# Not an imported target, because CMake demands that the folders of those exist.
set(torch_dir ${third_party}/torch/torch)
add_library(torch INTERFACE)
add_library(torch::torch ALIAS torch)
target_include_directories(torch SYSTEM INTERFACE ${torch_dir}/include ${torch_dir}/include/torch/csrc/api/include)
target_link_libraries(torch INTERFACE ${torch_dir}/lib/libtorch_cpu.so ${torch_dir}/lib/libc10.so)

# Reader and writer of ONNX files, made by protoc from the schema in the onnx wheel. Lite: no reflection. Static, and kept
# to the program itself: libtorch_cpu.so exports parts of another protobuf.
find_program(PROTOC protoc REQUIRED)
find_library(PROTOBUF_LITE libprotobuf-lite.a REQUIRED)
set(onnx_proto_dir ${CMAKE_BINARY_DIR}/onnx_proto)
file(MAKE_DIRECTORY ${onnx_proto_dir})
add_custom_command(
  OUTPUT ${onnx_proto_dir}/onnx-ml.pb.cc ${onnx_proto_dir}/onnx-ml.pb.h
  COMMAND ${PROTOC} --cpp_out=lite:${onnx_proto_dir} -I ${third_party}/onnx/onnx onnx-ml.proto
  DEPENDS ${third_party}/onnx/onnx/onnx-ml.proto
)
add_library(onnx_proto STATIC ${onnx_proto_dir}/onnx-ml.pb.cc)
target_include_directories(onnx_proto SYSTEM PUBLIC ${onnx_proto_dir})
target_link_libraries(onnx_proto PUBLIC ${PROTOBUF_LITE} Threads::Threads)
target_link_options(onnx_proto INTERFACE LINKER:--exclude-libs,libprotobuf-lite.a)

find_package(CLI11 REQUIRED)         # CLI11::CLI11
find_package(fmt REQUIRED)           # fmt::fmt
find_package(nlohmann_json REQUIRED) # nlohmann_json::nlohmann_json
find_package(OpenSSL REQUIRED)       # OpenSSL::Crypto
find_package(PNG REQUIRED)           # PNG::PNG
find_package(spdlog REQUIRED)        # spdlog::spdlog
find_package(yaml-cpp REQUIRED)      # yaml-cpp
find_package(ZLIB REQUIRED)          # ZLIB::ZLIB

# Dear ImGui and ImPlot, which only the visualizer needs: ./fleet view and ./fleet test fetch them.
set(imgui_dir ${third_party}/imgui/imgui/imgui)
set(implot_dir ${third_party}/imgui/implot/implot)
if(EXISTS ${imgui_dir})
  find_package(glfw3 REQUIRED)
  set(OpenGL_GL_PREFERENCE LEGACY)  # libGL.so, which libglfw3-dev brings; the other choice needs more packages
  find_package(OpenGL REQUIRED)
  add_library(
    imgui STATIC EXCLUDE_FROM_ALL
    ${imgui_dir}/backends/imgui_impl_glfw.cpp
    ${imgui_dir}/backends/imgui_impl_opengl3.cpp
    ${imgui_dir}/imgui.cpp
    ${imgui_dir}/imgui_draw.cpp
    ${imgui_dir}/imgui_stacklayout.cpp
    ${imgui_dir}/imgui_tables.cpp
    ${imgui_dir}/imgui_widgets.cpp
    ${implot_dir}/implot.cpp
    ${implot_dir}/implot_items.cpp
  )
  target_include_directories(imgui SYSTEM PUBLIC ${imgui_dir} ${imgui_dir}/backends ${implot_dir})
  target_compile_features(imgui PUBLIC cxx_std_20)
  # The test engine's hooks tell where widgets are. Fewer types of plotted numbers compile sooner.
  target_compile_definitions(
    imgui
    PUBLIC IMGUI_ENABLE_TEST_ENGINE
    PRIVATE IMGUI_DISABLE_DEMO_WINDOWS "IMPLOT_CUSTOM_NUMERIC_TYPES=(float)(double)"
  )
  target_link_libraries(imgui PUBLIC glfw OpenGL::GL ${CMAKE_DL_LIBS})
endif()
