from staffing.report.names import file_names


def test_each_name_has_a_file_of_its_own():
    names = ["Città di Bari", "CITTA/DI BARI", "..", "水", "A" * 300]
    assert file_names(names, "month-{}.html", "client") == {
        "month-Citta-di-Bari.html": names[0],
        "month-CITTA-DI-BARI-2.html": names[1],
        "month-client.html": names[2],
        "month-client-2.html": names[3],
        f"month-{'A' * 60}.html": names[4],
    }
