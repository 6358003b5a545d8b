# Before CPack packs: what Debian wants of a package's own papers, and no package without the extension. Run by CPack with
# CPACK_TEMPORARY_INSTALL_DIRECTORY, the tree to be packed.
set(tree "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr")
file(GLOB extensions "${tree}/share/kaopu/extension/kaopu-*.zip")
list(LENGTH extensions count)
if(NOT count EQUAL 2)
  message(FATAL_ERROR "The package would lack the browser extension. Next: apt-get install nodejs zip, then run cpack again "
    "(node extension/package.mjs alone shows what is wrong).")
endif()
set(doc "${tree}/share/doc/kaopu")
file(COPY "${CMAKE_CURRENT_LIST_DIR}/copyright" DESTINATION "${doc}"
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
file(REMOVE "${doc}/LICENSE")  # Debian has one copy for all packages; copyright names it
execute_process(COMMAND gzip -9nc "${CMAKE_CURRENT_LIST_DIR}/changelog" OUTPUT_FILE "${doc}/changelog.Debian.gz"
  COMMAND_ERROR_IS_FATAL ANY)
file(CHMOD "${doc}/changelog.Debian.gz" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
